import type { Proposal } from '@/lib/contract/proposals'

/** For tests: an open proposal of another user. */
export const SAMPLE_PROPOSAL: Proposal = {
  proposalId: 'p1',
  title: 'Name the owner',
  note: 'as agreed',
  action: { kind: 'change-table', intents: [{ kind: 'set-property', key: 'owner', value: 'zoe', base: 'ada' }] },
  proposedBy: 'vera',
  isOwn: false,
  createdAtMs: Date.UTC(2026, 0),
  expiresAtMs: Date.UTC(2100, 0),
  state: 'open',
  decidedBy: null,
  decidedAtMs: null,
  comment: null,
  auditId: null,
}
