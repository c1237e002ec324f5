import 'server-only'
import type { Actor } from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { type WriteDecorator, type WriteKind, type Written, anyWrite } from '@/server/catalog/port/catalog-write'
import { namespaceStates } from '@/server/catalog/namespace-states'
import { auditAction, type WrittenEntry, writtenEntries } from '@/server/catalog/port/written-entries'
import { auditChange, type NewAuditEntry, newAuditId } from '@/server/db/audit'

/**
 * A write whose caller plans no entry of the audit gets one that says what was done to what: every write of a remote
 * catalog, and those of namespaces in any. Who writes a table or view of our own catalog brings an entry with the
 * write, which says more.
 */
export function withAudit({ name, kind }: Pick<CatalogClient, 'name' | 'kind'>, actor: Actor): WriteDecorator {
  return (next) => (write, options) => {
    const entries = writtenEntries(name, anyWrite(write))
    // The other name of a rename is not in the entry.
    const [first, ...others] = write.kind.startsWith('rename-') ? entries.slice(0, 1) : entries
    const isAudited = kind === 'rest' || first?.table === undefined
    if (options?.plan || first === undefined || !isAudited) return next(write, options)
    const auditId = newAuditId()
    const toEntry = (entry: WrittenEntry): NewAuditEntry => ({
      actor,
      via: actor.via ?? null,
      action: auditAction(write.kind),
      requestId: null,
      ...(entry.table === undefined ? { namespace: entry } : { table: entry }),
    })
    const at = options?.committedAtMs === undefined ? {} : { atMs: options.committedAtMs }
    return next(write, {
      ...options,
      plan: { auditId, entry: toEntry(first), toEntry: ({ after }) => toEntry(after.identifier) },
      alongside: (written) => [
        ...(options?.alongside?.(written) ?? []),
        auditChange({ ...toEntry(first), ...statesOf(written) }, { id: auditId, ...at }),
        ...others.map((entry) => auditChange(toEntry(entry), at)),
      ],
    })
  }
}

function statesOf(written: Written<WriteKind>): Partial<NewAuditEntry> {
  return 'namespace' in written ? namespaceStates(written) : {}
}
