/** What a configuration folder holds; the list of folders to watch for a reload. */
export const SETTINGS_FILE = "config/squall.yaml";
export const COLLECTORS = "collectors";
export const TREES = "processing-trees";
export const RULES = "rules";

/** Folders below the configuration folder whose changes may change the plan. */
export const watchList = (): readonly string[] => ["config", COLLECTORS, TREES, RULES];
