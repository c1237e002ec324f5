/**
 * What a kind of change is called. Each kind has a folder: `words` for the tray, which every page of a table loads,
 * `meaning` for the review, `shape` for the contract, and `change` for the review's checks and the commit.
 */

/** A tab of the table's page. */
export type ChangeArea = 'schema' | 'layout' | 'settings' | 'snapshots'

/** A piece of a sentence: text, a name as it is written in Iceberg, or a value (null: not set). */
export type WordPart = string | { name: string } | { value: string | null }

export type IntentWords<Intent> = {
  area: ChangeArea
  /** What it changes. Two intents with one target cannot be in one commit, and in the tray the later replaces the other. */
  target: (intent: Intent) => string
  /** Whether it adds, removes or changes something. */
  sign: (intent: Intent) => '+' | '−' | '~'
  /** A sentence in the imperative, without a full stop: *Rename `a` to `b`*. */
  words: (intent: Intent) => readonly WordPart[]
  /** The same of another name, where a name is given that may be taken by now. */
  withName?: (intent: Intent, name: string) => Intent
}

/** What the table has, for sentences about a change of it; null: not known. */
export type MeaningFigures = {
  /** Of the current snapshot. */
  dataFileCount: number | null
  snapshotCount: number | null
}

/** One or two sentences: what becomes of files that exist, and what readers and writers see. */
export type IntentMeaning<Intent> = (intent: Intent, figures: MeaningFigures) => string
