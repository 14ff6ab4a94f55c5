/**
 * When the journal is put back into the database file.
 *
 * Left to itself SQLite does it in the commit that brings the journal to 1,000 pages, and, where somebody reads at that
 * moment so that the journal cannot begin anew, in each commit after it: its sender waits for writing and syncing what
 * hundreds of others have committed. Here another thread does it, every STEP_PAGES, while commits go on. It never catches
 * up with them, so from MOST_PAGES on the writer puts back the little that is left, and the journal begins anew.
 *
 * Who reads one state for long holds it: what is committed meanwhile stays in the journal, and is put back by him.
 */

export interface Journal {
  readonly pages: number;
  /** Of them those that are back in the file. */
  readonly back: number;
}

export interface Checkpoints {
  /** Told after each write. */
  grown(journal: Journal): void;
  /** Nothing is put back until the function it gives is called; the last of several lets go. */
  hold(): () => void;
}

export interface CheckpointDeps {
  /** On another thread than the writer. */
  aside(): Promise<void>;
  writer(): Promise<void>;
  onError(error: unknown): void;
}

/** 4 MiB and 32 MiB. */
const STEP_PAGES = 1_000;
const MOST_PAGES = 8_000;

export function createCheckpoints(deps: CheckpointDeps): Checkpoints {
  let running = false;
  let holders = 0;

  async function run(pages: number): Promise<void> {
    running = true;
    try {
      await deps.aside();
      if (pages >= MOST_PAGES) await deps.writer();
    } catch (error) {
      deps.onError(error);
    }
    running = false;
  }

  return {
    grown({ pages, back }) {
      if (!running && holders === 0 && pages - back >= STEP_PAGES) void run(pages);
    },
    hold() {
      let held = true;
      holders++;
      return () => {
        if (held) holders--;
        held = false;
      };
    },
  };
}
