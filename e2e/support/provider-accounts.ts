import type { Account } from '@/testing/oidc/real-provider'

/** The accounts of the tests' identity provider, by subject. */
export const PROVIDER_ACCOUNTS = {
  'subject-of-olive': { preferred_username: 'olive', name: 'Olive Harbour', groups: ['divers'] },
  'subject-of-victor': { preferred_username: 'victor', name: 'Victor Quay', groups: [] },
  'subject-of-wilma': { preferred_username: 'wilma', name: 'Wilma Pier', groups: ['pilots'] },
  // A user of this console has the name.
  'subject-of-another-admin': { preferred_username: 'admin', name: 'Another Admin', groups: [] },
} satisfies Record<string, Account>
