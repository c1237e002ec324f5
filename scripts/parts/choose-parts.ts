import { isPartName, PART_NAMES, type PartName } from './parts.ts'
import { listUnproven, type Proofs } from './proofs.ts'
import { hasCommit } from './repository.ts'

/** Which parts a command line names. `filters` are those of the runners of tests. */
export type PartChoice =
  | { kind: 'named'; names: readonly PartName[]; filters: readonly string[] }
  /** Those whose rooms changed since the commit; null: since each was proven. */
  | { kind: 'touched'; commit: string | null }

/**
 * Reads `[<part> …] [-- <filter> …]` or `--touched [<commit>]`.
 *
 * @throws Error for the person who typed it
 */
export function parsePartChoice(args: readonly string[]): PartChoice {
  const end = args.indexOf('--')
  const [own, filters] = end === -1 ? [args, []] : [args.slice(0, end), args.slice(end + 1)]
  if (own[0] === '--touched') {
    const [, commit = null, ...more] = own
    if (more.length > 0 || filters.length > 0) throw new Error('--touched takes a commit, and no parts or filters.')
    if (commit !== null && !hasCommit(commit)) throw new Error(`This clone has no commit "${commit}".`)
    return { kind: 'touched', commit }
  }
  const unknown = own.find((name) => !isPartName(name))
  if (unknown !== undefined)
    throw new Error(`There is no part "${unknown}", only ${PART_NAMES.join(', ')}. --touched chooses them by changes.`)
  const names = PART_NAMES.filter((name) => own.includes(name))
  if (names.length !== 1 && filters.length > 0) throw new Error('Filters need one part, because runners differ.')
  return { kind: 'named', names: names.length > 0 ? names : PART_NAMES, filters }
}

/** The parts whose rooms changed, and those that were never proven or whose proof this clone cannot compare. */
export function listTouchedParts(proofs: Proofs, commit: string | null): PartName[] {
  return PART_NAMES.filter((name) => {
    const unproven = listUnproven(name, commit === null ? proofs[name] : { commit, date: '' })
    return unproven === null || unproven.length > 0
  })
}
