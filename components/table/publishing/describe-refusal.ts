import type { CherryPickRefusal } from '@/lib/iceberg/operations/cherry-pick-refusal'

/** Why a snapshot cannot be cherry-picked, in a few words. */
export const PICK_REFUSALS: Readonly<Record<CherryPickRefusal, string>> = {
  'on-branch': 'already on main',
  picked: 'main has its changes',
  'wap-published': 'main has its WAP id',
  'not-replayable': 'only on its parent',
}
