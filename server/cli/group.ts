import 'server-only'
import { formatQuantity } from '@/lib/format/count'
import { AppError } from '@/lib/errors'
import { addGroup, removeGroup, renameGroup, setMember } from '@/server/access/groups'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { type Group, listGroups, listMembers } from '@/server/db/auth/groups'
import { lowerAscii } from '@/server/db/lower-ascii'
import type { Database } from '@/server/db/database'
import { requireUserNamed } from './user-named'
import { readArguments, UsageError, type Verb } from './verb'

const ACTIONS = 'add, rename, remove, join, leave, members or list'
const MAX_PRINTED = 10_000

export const groupVerb: Verb = {
  summary: 'groups of users: add, rename, remove, join, leave, members, list',
  help: `Use: lakeshore group add|remove <group>
     lakeshore group rename <group> <new name>
     lakeshore group join|leave <group> <user>
     lakeshore group members <group>
     lakeshore group list

Roles are given to a group with lakeshore grant. remove also removes its grants. Groups of an identity provider are
changed there. list prints name, source, and the numbers of members and grants.`,
  async run(args, terminal, { openServices }) {
    const [action, name, other, ...rest] = readArguments(args, {}).positionals
    const { database } = await openServices()
    const context = { actor: COMMAND_LINE, requestId: null }
    const need = (text: string | undefined, what: string) => {
      if (text === undefined) throw new UsageError(`${what} is missing`)
      return text
    }
    const group = () => requireGroupNamed(database, need(name, 'the name of the group'))
    const last = action === 'join' || action === 'leave' || action === 'rename' ? rest[0] : (other ?? rest[0])
    if (last !== undefined) throw new UsageError(`unexpected argument "${last}"`)
    switch (action) {
      case 'add':
        terminal.printMessage(`Added ${(await addGroup(database, need(name, 'the name of the group'), context)).name}.`)
        return 0
      case 'rename':
        await renameGroup(database, (await group()).groupId, need(other, 'the new name'), context)
        return 0
      case 'remove':
        await removeGroup(database, (await group()).groupId, context)
        terminal.printMessage(`Removed ${name}, with its grants.`)
        return 0
      case 'join':
      case 'leave': {
        const { groupId } = await group()
        const { userId } = await requireUserNamed(database, need(other, 'the name of the user'))
        await setMember(database, { groupId, userId, isMember: action === 'join' }, context)
        return 0
      }
      case 'members':
        for (const { username } of await listMembers(database, (await group()).groupId, { limit: MAX_PRINTED })) {
          terminal.print(username)
        }
        return 0
      case 'list':
        for (const { name: shown, source, memberCount, grantCount } of await listGroups(database)) {
          const counts = [formatQuantity(memberCount, 'member'), formatQuantity(grantCount, 'grant')]
          terminal.print([shown, source, ...counts].join('\t'))
        }
        return 0
      default:
        throw new UsageError(
          action === undefined ? `no action given: use ${ACTIONS}` : `unknown action "${action}": use ${ACTIONS}`,
        )
    }
  },
}

export async function requireGroupNamed(database: Database, name: string): Promise<Group> {
  const group = (await listGroups(database)).find((one) => lowerAscii(one.name) === lowerAscii(name))
  if (!group) throw new AppError('not-found', `There is no group ${name}.`)
  return group
}
