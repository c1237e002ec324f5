import 'server-only'
import type { ChangePolicy } from '@/lib/contract/proposals'
import { AppError } from '@/lib/errors'
import type { Namespace } from '@/lib/names/identifiers'
import { type OwnPolicy, setPolicyChange } from '@/server/db/catalog/change-policies'
import { readChangePolicy } from '@/server/policy/change-policy'
import type { Action } from '../pipeline/action'
import type { ChangeServices } from '../pipeline/change-request'

type InNamespace = { catalog: string; namespace: Namespace }

/**
 * Writes only rows of the console: a catalog knows of no policy.
 *
 * @throws {AppError} not-found when the namespace does not exist; invalid-request for a rule for engines that would not
 *   hold; and as `carryOut` does
 */
export const setChangePolicyAction: Action<ChangeServices, InNamespace, Required<OwnPolicy>, ChangePolicy> = {
  kind: 'set-change-policy',
  isHeld: false,
  permissions: (on) => [{ permission: 'console:admin', resource: on }],
  async commit(attempt, on, { requiresProposal, includesEngines }) {
    const { actor, catalog, signal, services } = attempt
    await catalog.loadNamespace(on.namespace, { signal })
    if (includesEngines && (!requiresProposal || catalog.kind !== 'embedded'))
      throw new AppError(
        'invalid-request',
        requiresProposal
          ? `Engines commit to the catalog ${on.catalog} without asking Lakeshore, so it cannot refuse them. Set the rule there.`
          : 'Commits of engines are refused only if changes need two people.',
      )
    const known = attempt.entry({
      action: 'set-change-policy',
      namespace: on,
      after: { policy: { requiresProposal, ...(requiresProposal && { includesEngines }) } },
    })
    await services.database.commit([
      setPolicyChange(on, { requiresProposal, includesEngines, by: actor.username }),
      ...attempt.recorded({ known }).alongside(undefined),
    ])
    return readChangePolicy(services.database, on)
  },
  repeat: ({ services }, on) => readChangePolicy(services.database, on),
}
