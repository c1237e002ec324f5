import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { concerns, PART_NAMES, type PartName, PARTS } from './parts.ts'
import { hasCommit, isCommitted, listChangedFiles, readHead } from './repository.ts'

/** The commit on which every test of a part passed, and the day of that run (UTC). */
export type Proof = { commit: string; date: string }
export type Proofs = Partial<Record<PartName, Proof>>

const PROOFS_FILE = 'testing/parts.json'

export function readProofs(): Proofs {
  return existsSync(PROOFS_FILE) ? (JSON.parse(readFileSync(PROOFS_FILE, 'utf8')) as Proofs) : {}
}

/**
 * Records that all tests of these parts passed on the checked out commit.
 *
 * @returns false, and records nothing, when the working tree has changes that are in no commit
 */
export function recordProofs(names: readonly PartName[]): boolean {
  if (!isCommitted()) return false
  const { id } = readHead()
  const date = new Date().toISOString().slice(0, 10)
  const proofs: Proofs = { ...readProofs(), ...Object.fromEntries(names.map((name) => [name, { commit: id, date }])) }
  const sorted = Object.fromEntries(Object.entries(proofs).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  writeFileSync(PROOFS_FILE, `${JSON.stringify(sorted, null, 2)}\n`)
  return true
}

/** Files of a part's rooms that changed since it was proven; null if that is unknown, or it never was. */
export function listUnproven(name: PartName, proof: Proof | undefined): string[] | null {
  if (!proof || !hasCommit(proof.commit)) return null
  return listChangedFiles(proof.commit).filter((file) => concerns(PARTS[name], file))
}

/** A line for each part: since when it is not proven, or that it is. */
export function formatProofs(proofs: Proofs = readProofs()): string {
  const width = Math.max(...PART_NAMES.map((name) => name.length))
  return PART_NAMES.map((name) => `${name.padEnd(width)}  ${describeProof(name, proofs[name])}`).join('\n')
}

function describeProof(name: PartName, proof: Proof | undefined): string {
  if (!proof) return 'not proven yet'
  const unproven = listUnproven(name, proof)
  const at = `${proof.date} (${proof.commit.slice(0, 9)})`
  if (unproven === null) return `not proven since ${at}, a commit that this clone does not have`
  if (unproven.length === 0) return `proven on ${at}`
  return `not proven since ${at}: ${unproven.length} ${unproven.length === 1 ? 'file' : 'files'} changed`
}
