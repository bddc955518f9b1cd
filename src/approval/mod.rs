//! Takes what is judged; gives Approved or Refused, by policy, human, ticket or a covering parent order.
