//! Takes the process table; gives who called: client, session, human or agent.
