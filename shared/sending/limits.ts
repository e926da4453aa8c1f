/** Bounds of what an answer takes over from the mail it answers; each with its reason. */

/** Threads stay together by the first and the last ids (RFC 5322 section 3.6.4 lets a program shorten); 8,000 letters pass every relay's header limit. */
export const thread = { ids: 50, letters: 8000, idLetters: 500 } as const
/** Every server must take 100 recipients of one mail (RFC 5321 section 4.5.3.1.8); a stranger's list of more is no circle of correspondents. */
export const mostAnswered = 100
/** The form's own bound of a subject. */
export const subjectLetters = 2000
/** Two hundred pages; a longer mail is forwarded as a file, and a reply quotes its beginning. */
export const quotedLetters = 500_000
/** Lines of a forward's head: nobody reads more names. */
export const namedPeople = 50
