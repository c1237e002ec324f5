import 'server-only'
import { namespaceLabel } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { overrideChangePolicyAction } from '@/server/changes/actions/set-change-policy'
import { carryOut } from '@/server/changes/pipeline/carry-out'
import { newAuditId } from '@/server/db/audit'
import { readChangePolicy } from '@/server/policy/change-policy'
import { parseNamespace } from './table-name'
import { readArguments, UsageError, type Verb } from './verb'

export const policyVerb: Verb = {
  summary: 'whether changes in a namespace need two people: show, off',
  help: `Use: lakeshore policy show <namespace> [--catalog <name>]
     lakeshore policy off  <namespace> [--catalog <name>]

show prints whether changes of tables and views in the namespace need two people, and which namespace demands it.
off ends the policy of this very namespace without a second person, for a server on which there is none: in the
console, another user has to agree. The audit has an entry of it. Policies are set in the console.`,
  async run(args, terminal, { openServices }) {
    const { positionals, values } = readArguments(args, { catalog: { type: 'string' } })
    const [action, name, extra] = positionals
    if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
    if (action !== 'show' && action !== 'off') throw new UsageError('the action is show or off')
    if (name === undefined) throw new UsageError('the namespace is missing')
    const services = await openServices()
    const on = { catalog: values.catalog ?? services.config.catalogName, namespace: parseNamespace(name) }
    const request = { actor: actorFor(COMMAND_LINE), signal: terminal.signal, requestId: null }
    if (action === 'off') {
      const requested = { on, input: {} }
      const { auditId } = await carryOut(services, overrideChangePolicyAction, requested, {
        ...request,
        idempotencyKey: newAuditId(),
      })
      terminal.printMessage(`${name} no longer has a policy of its own (${auditId}).`)
    } else {
      const catalog = await services.catalogs.open(on.catalog, request.actor)
      await catalog.loadNamespace(on.namespace, { signal: terminal.signal })
    }
    const { requiredBy, enginesBlockedBy } = await readChangePolicy(services.database, on)
    terminal.print(
      requiredBy === null
        ? 'Changes need no second person.'
        : `Changes need two people, as ${namespaceLabel(requiredBy)} demands.${enginesBlockedBy === null ? '' : ` Engines can only append, as ${namespaceLabel(enginesBlockedBy)} demands.`}`,
    )
    return 0
  },
}
