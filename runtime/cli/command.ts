/** What every command is, apart from the table that names them, so that neither knows the other. */

/** Takes the words behind the command's name; resolves to the exit code. */
export type Command = (words: readonly string[]) => Promise<number>
