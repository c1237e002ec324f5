import 'server-only'
import type { Config } from '@/server/config/config'
import type { Database } from '@/server/db/database'
import type { Log } from '@/server/log'
import type { Keys } from './keys'
import type { IdentityProvider } from './oidc/identity-provider'
import type { Refusals } from './refusals'
import type { Passwords } from './sign-in/passwords'
import type { TokenUses } from './tokens/token-uses'

/** The services that identify a caller and their permissions, and those below. */
export type AuthServices = {
  config: Config
  log: Log
  /** Its `nowMs` is the clock for leases, expiries and pauses. */
  database: Database
  keys: Keys
  passwords: Passwords
  tokenUses: TokenUses
  /** Null without one in the settings. */
  identityProvider: IdentityProvider | null
  refusals: Refusals
}
