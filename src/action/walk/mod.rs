//! Takes a parsed script; gives the actions, walking as bash would run it.
