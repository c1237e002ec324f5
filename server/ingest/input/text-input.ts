import 'server-only'
import type { FieldUse, InputRequest } from '../stage-request'
import type { FieldSamples } from './field-samples'
import type { LoadPlan } from './load-plan'
import type { MappingProblems } from './mapping-problems'
import type { Rejects } from './rejects'

/** How an input is read: for a load, or for a preview of its first rows. */
export type Reading = {
  rejects: Rejects
  onProgress: (bytesRead: number, rowsRead: number) => void
  problems: MappingProblems
  /** The options of a preview; null for a load, which ends with the first problem. */
  preview: { maxRows: number; isTruncated: boolean; samples: FieldSamples | null } | null
}

/** A text file that is rewritten, so that each row has its line. */
export type TextInput = Reading & { request: InputRequest; plan: LoadPlan }

export type RewrittenInput = {
  /** Without the header; empty lines do not count. */
  rowsRead: number
  /** The largest record of the new file, with its line end. */
  maxRecordBytes: number
  /** The names of fields as expressions have them, in the order of their columns in the new file. */
  namedFields: readonly string[]
  /** The delimiter of CSV. */
  delimiter: string | null
  fieldUse: FieldUse
}
