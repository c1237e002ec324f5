/**
 * How a kind of change is described. Each kind has a folder, divided by when it is loaded: `describe` by every page that
 * shows intents, `change` by pages that stage them, by the review and by the commit, and `statements` by the review.
 */

/** A tab of the table's page. */
export type ChangeArea = 'schema' | 'layout' | 'settings' | 'snapshots'

/** A piece of a sentence: text, a name as it is written in Iceberg, or a value (null: not set). */
export type SentencePart = string | { name: string } | { value: string | null }

/** Figures of the table, for sentences about a change of it; null: not known. */
export type EffectFigures = {
  /** Data files of the current snapshot. */
  dataFileCount: number | null
  snapshotCount: number | null
}

export type IntentDescription<Intent> = {
  area: ChangeArea
  /**
   * The part of the table that it changes. Two intents with one target cannot be in one commit, and in the tray the
   * later replaces the other.
   */
  target: (intent: Intent) => string
  /** Whether it adds, removes or changes something. */
  sign: (intent: Intent) => '+' | '−' | '~'
  /** A sentence in the imperative, without a full stop: *Rename `a` to `b`*. */
  describe: (intent: Intent) => readonly SentencePart[]
  /** One or two sentences on what becomes of existing files, and what readers and writers of the table see. */
  effects: (intent: Intent, figures: EffectFigures) => string
  /** The intent with another name, for kinds that give a name which may be taken. */
  withName?: (intent: Intent, name: string) => Intent
}
