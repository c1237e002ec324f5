import type { SharedUpdate } from '../metadata/shared-update'
import type { ViewVersion } from './view-metadata'

/**
 * The changes a commit of a view carries, in order. `-1` as an id in `set-current-view-version`, and as the schema id
 * of an added version, means "the one added last in this commit".
 *
 * Spec: REST `open-api`, schema `ViewUpdate`.
 */
export type ViewUpdate =
  | SharedUpdate
  | { action: 'add-view-version'; viewVersion: ViewVersion }
  | { action: 'set-current-view-version'; viewVersionId: number }

export type ViewRequirement = { type: 'assert-view-uuid'; uuid: string }

/** One commit, applied completely or not at all. */
export type ViewChange = { requirements: readonly ViewRequirement[]; updates: readonly ViewUpdate[] }
