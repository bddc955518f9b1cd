//! What a client froze of a user's shell: functions, aliases, exports, settings.
