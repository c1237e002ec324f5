/**
 * The outcome of each verb in a namespace where changes need two people (docs/proposals.md).
 *
 * - `proposed`: a user who acts alone is refused, and another user commits the proposal.
 * - `not held`: it changes no table or view that the policy protects, so users do it alone.
 */
export const UNDER_POLICY = {
  'change-settings': 'proposed',
  'change-columns': 'proposed',
  'create-ref': 'proposed',
  'move-ref': 'proposed',
  'fast-forward': 'proposed',
  'rename-ref': 'proposed',
  'set-ref-retention': 'proposed',
  'drop-ref': 'proposed',
  expire: 'proposed',
  'undo-expiry': 'proposed',
  'cherry-pick': 'proposed',
  publish: 'proposed',
  undo: 'proposed',
  'rename-table': 'proposed',
  'drop-table': 'proposed',
  'purge-table': 'proposed',
  'restore-table': 'not held',
  'create-table': 'not held',
  'register-table': 'not held',
  'clone-table': 'not held',
  'rewrite-files': 'proposed',
  'delete-rows': 'proposed',
  load: 'proposed',
  'create-view': 'not held',
  'replace-view': 'proposed',
  'roll-back-view': 'proposed',
  'change-view-properties': 'proposed',
  'rename-view': 'proposed',
  'drop-view': 'proposed',
  'restore-view': 'not held',
  'create-namespace': 'not held',
  'change-namespace-properties': 'not held',
  'drop-namespace': 'not held',
  'drop-filled-namespace': 'proposed',
  'set-change-policy': 'not held',
} as const satisfies Readonly<Record<string, 'proposed' | 'not held'>>

export type VerbName = keyof typeof UNDER_POLICY
