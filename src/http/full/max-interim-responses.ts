/** RFC 8297 and RFC 9110 §15.2 know few reasons for one; without a cap they could fill a slow client's buffer. */
export const MAX_INTERIM_RESPONSES = 32;
