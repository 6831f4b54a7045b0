// Exit codes, sysexits.h where there is one.

export const EXIT = { DONE: 0, REFUSED: 1, USAGE: 64, UNAVAILABLE: 69, SOFTWARE: 70, TEMPFAIL: 75, CONFIG: 78 } as const
