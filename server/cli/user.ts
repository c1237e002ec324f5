import 'server-only'
import { formatQuantity } from '@/lib/format/count'
import { PASSWORD_CHARS } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import type { Role } from '@/lib/permissions'
import { refuseServiceAccount } from '@/server/access/users'
import { forgetUserAttempts } from '@/server/auth/sign-in/sign-in-limit'
import { addLinkedUser, linkUser, unlinkUser } from '@/server/auth/oidc/link-user'
import { userAudit } from '@/server/auth/user-audit'
import type { Change, Database } from '@/server/db/database'
import {
  addUser,
  disableUser,
  enableUser,
  listUsers,
  removeUser,
  setPassword,
  setRole,
  type User,
} from '@/server/db/auth/users'
import { COMMAND_LINE } from '@/server/auth/command-line'
import type { Services } from '@/server/services'
import { parseUserRole, requireUserNamed } from './user-named'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

export const userVerb: Verb = {
  summary: 'users: add, passwd, role, link, unlink, disable, enable, remove, list',
  help: `Use: lakeshore user add <name> [--role none|viewer|editor|admin] [--password-stdin]
     lakeshore user add <name> [--role none|viewer|editor|admin] --subject <subject>
     lakeshore user add <name> [--role none|viewer|editor|admin] --service
     lakeshore user link <name> <subject>
     lakeshore user unlink <name>
     lakeshore user passwd <name> [--password-stdin]
     lakeshore user role <name> none|viewer|editor|admin
     lakeshore user disable|enable|remove <name>
     lakeshore user list

The command prompts for the password without showing it, or reads it from standard input with --password-stdin.
The role is what the user may do everywhere. A new user has none unless --role is given, and may then do what grants
say (lakeshore grant). A new role takes effect at once. A new password ends the user's sessions, and lifts the pause
after failed sign-ins with that name.
With --subject the user has no password, and signs in with the identity provider as that subject (the claim sub);
so do engines with its access tokens. link lets a user who exists do so, in place of another subject, and unlink
ends it; both leave the password as it is.
With --service the user is a service account for programs: it never signs in, and is used by its tokens only
(lakeshore token create).
disable ends the user's sessions and refuses their tokens, until enable. remove ends both for good, and removes
the credentials they gave connections; the audit keeps what they did, under their name. Work that either has queued
and that has not begun is refused.
The last admin who may sign in can be neither disabled nor removed. list gives name, role, whether the user is
active or disabled, and "service account" for one.`,
  async run(args, terminal, { openServices }) {
    const { positionals, values } = readArguments(args, {
      role: { type: 'string' },
      subject: { type: 'string' },
      service: { type: 'boolean' },
      'password-stdin': { type: 'boolean', default: false },
    })
    const [action, name, ...rest] = positionals
    const isFromInput = values['password-stdin']
    const { subject, service: isService = false } = values
    if (isService && (subject !== undefined || isFromInput)) {
      throw new UsageError('--service has neither a password nor a subject')
    }
    for (const option of ['role', 'subject', 'service'] as const) {
      if (values[option] !== undefined && action !== 'add') throw new UsageError(`--${option} belongs to user add`)
    }
    const services = await openServices()
    switch (action) {
      case 'add':
        await createUser(
          services,
          requireName(name, rest),
          parseUserRole(values.role ?? 'none'),
          isService
            ? null
            : subject === undefined
              ? { password: await askNewPassword(terminal, isFromInput) }
              : { subject },
        )
        terminal.printMessage(
          `Created ${isService ? 'service account' : 'user'} ${name} (${formatRole(parseUserRole(values.role ?? 'none'))}).`,
        )
        return 0
      case 'passwd': {
        const user = await requireUserNamed(services.database, requireName(name, rest))
        refuseServiceAccount(user)
        const endedCount = await changePassword(services, user, await askNewPassword(terminal, isFromInput))
        terminal.printMessage(
          `The password of ${user.username} was changed; ${formatQuantity(endedCount, 'session')} ended.`,
        )
        return 0
      }
      case 'role': {
        const [role, ...extra] = rest
        const user = await requireUserNamed(services.database, requireName(name, extra))
        const newRole = parseUserRole(role)
        await changeRole(services.database, user, newRole)
        terminal.printMessage(`Changed user ${user.username} (${formatRole(newRole)}).`)
        return 0
      }
      case 'link': {
        const [linked, ...extra] = rest
        const user = await requireUserNamed(services.database, requireName(name, extra))
        if (linked === undefined) throw new UsageError('the subject is missing')
        refuseServiceAccount(user)
        await linkUser(services, user, linked, COMMAND_LINE, null)
        terminal.printMessage(`${user.username} signs in with the identity provider as ${linked}.`)
        return 0
      }
      case 'unlink': {
        const user = await requireUserNamed(services.database, requireName(name, rest))
        await unlinkUser(services, user, COMMAND_LINE, null)
        terminal.printMessage(`${user.username} no longer signs in with the identity provider.`)
        return 0
      }
      case 'disable': {
        const user = await requireUserNamed(services.database, requireName(name, rest))
        const endedCount = await disableUser(services.database, user.userId, [userAuditChange('disable-user', user)])
        terminal.printMessage(
          `${user.username} is disabled, and so are their tokens; ${formatQuantity(endedCount, 'session')} ended.`,
        )
        return 0
      }
      case 'enable': {
        const user = await requireUserNamed(services.database, requireName(name, rest))
        await enableUser(services.database, user.userId, [userAuditChange('enable-user', user)])
        terminal.printMessage(`${user.username} may sign in again, and their tokens work again.`)
        return 0
      }
      case 'remove': {
        const user = await requireUserNamed(services.database, requireName(name, rest))
        await removeUser(services.database, user.userId, [
          forgetUserAttempts(services.keys, user.username),
          userAuditChange('remove-user', user),
        ])
        terminal.printMessage(`${user.username} is removed, with their sessions and tokens.`)
        return 0
      }
      case 'list':
        if (name !== undefined) throw new UsageError(`unexpected argument "${name}"`)
        for (const { username, role, disabledAtMs, isService: isServiceUser } of await listUsers(services.database)) {
          const columns = [username, role ?? 'no role', disabledAtMs === null ? 'active' : 'disabled']
          terminal.print([...columns, ...(isServiceUser ? ['service account'] : [])].join('\t'))
        }
        return 0
      case undefined:
        throw new UsageError('no action given: use add, passwd, role, link, unlink, disable, enable, remove or list')
      default:
        throw new UsageError(
          `unknown action "${action}": use add, passwd, role, link, unlink, disable, enable, remove or list`,
        )
    }
  },
}

async function createUser(
  services: Pick<Services, 'config' | 'database' | 'passwords'>,
  username: string,
  role: Role | null,
  /** Null for a service account. */
  proof: { password: string } | { subject: string } | null,
): Promise<void> {
  const user = { username, role, isService: proof === null }
  if (proof !== null && 'subject' in proof) {
    await addLinkedUser(services, user, proof.subject, COMMAND_LINE, null)
    return
  }
  const passwordHash = proof === null ? null : await services.passwords.hash(proof.password)
  const audit = userAudit({ action: 'add-user', actor: COMMAND_LINE, before: null, after: user, requestId: null })
  await addUser(services.database, { ...user, passwordHash, hasGeneratedPassword: false }, [audit])
}

async function changePassword(
  services: Pick<Services, 'database' | 'keys' | 'passwords'>,
  user: User,
  password: string,
): Promise<number> {
  const change = { action: 'change-password', actor: COMMAND_LINE, before: user, after: user, requestId: null } as const
  const passwordHash = await services.passwords.hash(password)
  const alongside = [forgetUserAttempts(services.keys, user.username), userAudit(change)]
  return setPassword(services.database, user.userId, passwordHash, { alongside })
}

function userAuditChange(action: 'disable-user' | 'enable-user' | 'remove-user', user: User): Change {
  const after = action === 'remove-user' ? null : user
  return userAudit({ action, actor: COMMAND_LINE, before: user, after, requestId: null })
}

function formatRole(role: Role | null): string {
  return role ?? 'no role: grants say what they may do'
}

async function changeRole(database: Database, user: User, role: Role | null): Promise<void> {
  const after = { username: user.username, role }
  const change = { action: 'change-role', actor: COMMAND_LINE, before: user, after, requestId: null } as const
  await setRole(database, user.userId, role, [userAudit(change)])
}

async function askNewPassword(terminal: Terminal, isFromInput: boolean): Promise<string> {
  const password = await terminal.prompt('New password: ', { isHidden: true })
  if (!isFromInput && password !== null) {
    const repeated = await terminal.prompt('Repeat password: ', { isHidden: true })
    if (repeated !== password) throw new AppError('invalid-request', 'The passwords do not match. Nothing was changed.')
  }
  const { min, max } = PASSWORD_CHARS
  if (password === null || password.length < min || password.length > max) {
    throw new AppError('invalid-request', `A password has ${min} to ${max} characters. Nothing was changed.`)
  }
  return password
}

function requireName(name: string | undefined, rest: readonly string[]): string {
  if (name === undefined) throw new UsageError('the user name is missing')
  if (rest.length > 0) throw new UsageError(`unexpected argument "${rest[0]}"`)
  return name
}
