/** Of every command. */
export const EXIT = { ok: 0, failed: 1, usage: 2, cannotRun: 3 } as const;

export const EXIT_HELP = `
Exit codes: 0 ok, 1 the check failed, 2 wrong usage, 3 cannot run`;
