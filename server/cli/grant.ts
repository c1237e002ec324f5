import 'server-only'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { Resource } from '@/lib/permissions'
import { addGrant, removeGrant } from '@/server/access/grants'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { EVERYONE, type Holder, listGrants, MAX_GRANTS, type StoredGrant } from '@/server/db/auth/grants'
import type { Database } from '@/server/db/database'
import { requireGroupNamed } from './group'
import { parseNamespace, requireNameLimits } from './table-name'
import { parseRole, requireUserNamed } from './user-named'
import { readArguments, UsageError, type Verb } from './verb'

const FLAGS = {
  user: { type: 'string' },
  group: { type: 'string' },
  everyone: { type: 'boolean', default: false },
  catalog: { type: 'string' },
  namespace: { type: 'string' },
  table: { type: 'string' },
} as const
type Flags = { user?: string; group?: string; everyone: boolean; catalog?: string; namespace?: string; table?: string }

export const grantVerb: Verb = {
  summary: 'roles on catalogs, namespaces and tables: add, remove, list',
  help: `Use: lakeshore grant add viewer|editor|admin <holder> <resource>
     lakeshore grant remove <id>
     lakeshore grant list [<holder>] [<resource>]

<holder>    --user <name>, --group <name> or --everyone
<resource>  --catalog <name> [--namespace <name.below> [--table <name>]]; without it: everything

Another role on the same resource replaces the first one. The resource need not exist. The role of a user on everything
is set with lakeshore user role. list gives id, role, holder and resource; for a resource it includes everything in it.`,
  async run(args, terminal, { openServices }) {
    const { positionals, values } = readArguments(args, FLAGS)
    const [action, subject, ...rest] = positionals
    if (rest[0] !== undefined) throw new UsageError(`unexpected argument "${rest[0]}"`)
    const services = await openServices()
    const { database } = services
    const context = { actor: actorFor(COMMAND_LINE), requestId: null }
    switch (action) {
      case 'add': {
        const role = parseRole(subject)
        const holder = await findHolder(database, values)
        if (holder === null) throw new UsageError('the holder is missing: --user, --group or --everyone')
        const { grantId } = await addGrant(services, { holder, role, resource: toResource(values) }, context)
        terminal.print(String(grantId))
        return 0
      }
      case 'remove':
        if (subject === undefined) throw new UsageError('the id of the grant is missing')
        await removeGrant(services, subject, context)
        return 0
      case 'list': {
        const holder = await findHolder(database, values)
        const filter = holder === null ? { within: toResource(values) } : { holder }
        for (const grant of await listGrants(database, filter, MAX_GRANTS)) terminal.print(grantLine(grant))
        return 0
      }
      default:
        throw new UsageError('the action is add, remove or list')
    }
  },
}

async function findHolder(database: Database, { user, group, everyone }: Flags): Promise<Holder | null> {
  if ([user !== undefined, group !== undefined, everyone].filter(Boolean).length > 1) {
    throw new UsageError('name one holder: --user, --group or --everyone')
  }
  if (user !== undefined) return { kind: 'user', id: (await requireUserNamed(database, user)).userId }
  if (group !== undefined) return { kind: 'group', id: (await requireGroupNamed(database, group)).groupId }
  return everyone ? EVERYONE : null
}

function toResource({ catalog, namespace, table }: Flags): Resource {
  if (namespace !== undefined && catalog === undefined) throw new UsageError('--namespace needs --catalog')
  if (table !== undefined && namespace === undefined) throw new UsageError('--table needs --namespace')
  const resource = {
    ...(catalog !== undefined && { catalog }),
    ...(namespace !== undefined && { namespace: parseNamespace(namespace) }),
    ...(table !== undefined && { table }),
  }
  requireNameLimits(resource)
  return resource
}

function grantLine({ grantId, role, holder, resource: { catalog, namespace, table } }: StoredGrant): string {
  const scope = [catalog ?? 'everything', namespace && namespaceLabel(namespace), table].filter(Boolean).join('/')
  return [grantId, role, holder.kind === 'everyone' ? 'everyone' : `${holder.kind} ${holder.name}`, scope].join('\t')
}
