import 'server-only'
import { TOKEN_LIFETIME_DAYS, type TokenOverlapHours } from '@/lib/contract/shapes/plain-values'
import { lesserRole, type Role } from '@/lib/permissions'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { highestRoleOf, revokeUserToken, issueToken, rotateTokenSecret } from '@/server/auth/tokens/tokens'
import type { Database } from '@/server/db/database'
import { listTokens, type Token } from '@/server/db/auth/tokens'
import { parseRole, requireUserNamed } from './user-named'
import { readArguments, type Terminal, UsageError, type Verb } from './verb'

/** The role that engines need: to read and to write. */
const DEFAULT_ROLE: Role = 'editor'

const OVERLAPS: Readonly<Record<string, TokenOverlapHours>> = { '0': 0, '1h': 1, '24h': 24 }
const DEFAULT_OVERLAP = '24h'

export const tokenVerb: Verb = {
  summary: 'personal access tokens for engines: create, list, rotate, revoke',
  help: `Use: lakeshore token create --user <name> --name <purpose> [--role viewer|editor|admin] [--days ${TOKEN_LIFETIME_DAYS.default}]
     lakeshore token list [--user <name>]
     lakeshore token rotate <id> [--overlap 0|1h|24h]
     lakeshore token revoke <id>

create prints only the token on standard output, and never shows it again:
  TOKEN=$(npm run --silent lakeshore -- token create --user ada --name spark)
The role is editor unless --role is given, and never more than the user's. A token is valid for
${TOKEN_LIFETIME_DAYS.default} days unless --days is given, ${TOKEN_LIFETIME_DAYS.max} at most. list prints id, name, user, role, state,
expiry and last use, and for a rotated token until when its old secret is accepted, while it is, and its last use.
rotate gives a token a new secret and prints only the token; the old secret is accepted for another ${DEFAULT_OVERLAP} unless
--overlap is given. revoke ends a token at once, with both secrets.`,
  async run(args, terminal, { openServices }) {
    const { positionals, values } = readArguments(args, {
      user: { type: 'string' },
      name: { type: 'string' },
      role: { type: 'string' },
      days: { type: 'string' },
      overlap: { type: 'string' },
    })
    const [action, id, ...rest] = positionals
    const [extra] = action === 'revoke' || action === 'rotate' ? rest : positionals.slice(1)
    if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
    const misplacedFlag = Object.keys(values).find(
      (flag) => action !== (flag === 'overlap' ? 'rotate' : 'create') && !(action === 'list' && flag === 'user'),
    )
    if (misplacedFlag !== undefined) {
      throw new UsageError(`--${misplacedFlag} belongs to token ${misplacedFlag === 'overlap' ? 'rotate' : 'create'}`)
    }
    const services = await openServices()
    switch (action) {
      case 'create':
        await createToken(services.database, values, terminal)
        return 0
      case 'list': {
        const userId =
          values.user === undefined ? undefined : (await requireUserNamed(services.database, values.user)).userId
        for (const token of await listTokens(services.database, userId)) terminal.print(tokenLine(token))
        return 0
      }
      case 'rotate': {
        if (id === undefined) throw new UsageError('the token id is missing')
        const overlapHours = parseOverlap(values.overlap ?? DEFAULT_OVERLAP)
        const context = { actor: COMMAND_LINE, requestId: null }
        const { token, text } = await rotateTokenSecret(services.database, id, overlapHours, context)
        terminal.print(text)
        terminal.printMessage(
          `${token.name} of ${token.owner.username} has a new secret; the old one ${token.previous === null ? 'has ended' : `ends ${new Date(token.previous.endsAtMs).toISOString()}`}.`,
        )
        return 0
      }
      case 'revoke': {
        if (id === undefined) throw new UsageError('the token id is missing')
        const token = await revokeUserToken(services.database, id, { actor: actorFor(COMMAND_LINE), requestId: null })
        terminal.printMessage(`${token.name} of ${token.owner.username} is revoked.`)
        return 0
      }
      case undefined:
        throw new UsageError('no action given: use create, list, rotate or revoke')
      default:
        throw new UsageError(`unknown action "${action}": use create, list, rotate or revoke`)
    }
  },
}

type CreateFlags = { user?: string; name?: string; role?: string; days?: string }

async function createToken(
  database: Database,
  { user, name, role, days }: CreateFlags,
  terminal: Terminal,
): Promise<void> {
  if (user === undefined) throw new UsageError('--user is missing: the user that the token acts for')
  if (name === undefined) throw new UsageError('--name is missing: what the token is for')
  const requestedRole = role === undefined ? null : parseRole(role)
  const lifeDays = days === undefined ? TOKEN_LIFETIME_DAYS.default : parseDays(days)
  const owner = await requireUserNamed(database, user)
  const newToken = {
    owner,
    name,
    role: requestedRole ?? lesserRole(DEFAULT_ROLE, (await highestRoleOf(database, owner)) ?? 'viewer'),
    days: lifeDays,
  }
  const { token, text } = await issueToken(database, newToken, { actor: COMMAND_LINE, requestId: null })
  terminal.print(text)
  terminal.printMessage(
    `${token.name} acts for ${owner.username} as ${token.limit.role} until ${formatDay(token.expiresAtMs)}.`,
  )
}

function tokenLine({ tokenId, name, owner, limit, state, expiresAtMs, lastUsedAtMs, previous }: Token): string {
  const columns = [tokenId, name, owner.username, limit.role, state, formatDay(expiresAtMs), formatUse(lastUsedAtMs)]
  if (previous && state === 'live') {
    columns.push(new Date(previous.endsAtMs).toISOString(), formatUse(previous.lastUsedAtMs))
  }
  return columns.join('\t')
}

function formatUse(atMs: number | null): string {
  return atMs === null ? 'never' : new Date(atMs).toISOString()
}

function parseOverlap(text: string): TokenOverlapHours {
  const hours = OVERLAPS[text]
  if (hours === undefined) throw new UsageError(`--overlap is ${Object.keys(OVERLAPS).join(', ')}, not "${text}"`)
  return hours
}

function formatDay(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10)
}

function parseDays(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`--days is a whole number, not "${text}"`)
  return Number(text)
}
