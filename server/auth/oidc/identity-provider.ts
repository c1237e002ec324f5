import 'server-only'
import { createRemoteJWKSet, customFetch as fetchKeys, errors, type JWTVerifyGetKey } from 'jose'
import * as oidc from 'openid-client'
import type { OidcSettings } from '@/server/config/oidc-settings'
import type { Config } from '@/server/config/config'
import type { Log } from '@/server/log'
import { clock } from '@/server/timing/clock'
import { SignInRefusal } from './sign-in-refusal'
import { createProviderFetch, type ProviderFetch, providerUnavailableError } from './provider-fetch'

export const CALLBACK_PATH = '/api/auth/oidc/callback'

/** In seconds, for clocks that differ. */
export const CLOCK_TOLERANCE_SECONDS = 30
/** Any client can send a code, and each code is sent to the provider. */
const MAX_CONCURRENT_EXCHANGES = 16
const DISCOVERED_FOR_MS = 3_600_000
/** After a failure the process does not contact the provider for this time, whatever callers want. */
const FAILURE_PAUSE_MS = 5_000
/** A token with an unknown key lets the keys be fetched at most this often. */
const MIN_KEY_FETCH_MS = 30_000
const KEYS_FOR_MS = 600_000
const KEY_TIMEOUT_MS = 5_000
/** The set of keys could not be read; no token causes any of these. */
const KEY_SET_FAILURES = ['ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID', 'ERR_JOSE_GENERIC']

type Discovered = { configuration: oidc.Configuration; keys: JWTVerifyGetKey; untilMs: number }

/** The values that one sign-in has to bring back, known only to the browser that started it. */
export type SignInAttempt = { state: string; nonce: string; verifier: string }

export type SignedInClaims = Readonly<Record<string, unknown>> & { readonly sub: string }

/**
 * The OpenID Connect provider of the settings. Its capabilities come from its discovery document, read once an hour; a
 * document that cannot be refreshed stays in use.
 */
export class IdentityProvider {
  readonly settings: OidcSettings
  readonly #publicUrl: string
  readonly #log: Log
  readonly #fetch: ProviderFetch
  #discovered: Discovered | null = null
  #pending: Promise<Discovered> | null = null
  #exchangeCount = 0
  #failure: { error: unknown; untilMs: number } | null = null

  constructor(settings: OidcSettings, { config, log }: { config: Pick<Config, 'publicUrl'>; log: Log }) {
    this.settings = settings
    this.#publicUrl = config.publicUrl
    this.#log = log
    this.#fetch = createProviderFetch(settings.issuer)
  }

  createAttempt(): SignInAttempt {
    return { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() }
  }

  /** Where the browser signs in. */
  async authorizationUrl({ state, nonce, verifier }: SignInAttempt): Promise<URL> {
    const { configuration } = await this.#discover()
    return oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: `${this.#publicUrl}${CALLBACK_PATH}`,
      scope: this.settings.scopes,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
  }

  /**
   * The provider's claims about the person who comes back with a code: those of the ID token, and those that only the
   * user information has.
   *
   * @param search the query with which the browser came back
   * @throws {SignInRefusal} too-many-requests; errors of openid-client if anything about the response is wrong
   */
  async exchangeCode(search: string, attempt: SignInAttempt): Promise<SignedInClaims> {
    if (this.#exchangeCount >= MAX_CONCURRENT_EXCHANGES) throw new SignInRefusal('too-many-requests')
    this.#exchangeCount += 1
    try {
      return await this.#exchange(search, attempt)
    } finally {
      this.#exchangeCount -= 1
    }
  }

  async #exchange(search: string, { state, nonce, verifier }: SignInAttempt): Promise<SignedInClaims> {
    const { configuration } = await this.#discover()
    const tokens = await oidc.authorizationCodeGrant(
      configuration,
      new URL(`${this.#publicUrl}${CALLBACK_PATH}${search}`),
      {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      },
    )
    const claims = tokens.claims()
    if (!claims) throw new Error('The response has no ID token.')
    if (isLater(claims.iat, clock.nowMs())) throw new Error('The ID token was issued in the future.')
    if (this.#isComplete(claims) || configuration.serverMetadata().userinfo_endpoint === undefined) return claims
    return { ...(await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)), ...claims }
  }

  /** The page that ends the browser's session at the provider, or null. */
  async endSessionUrl(): Promise<URL | null> {
    const { configuration } = await this.#discover()
    if (configuration.serverMetadata().end_session_endpoint === undefined) return null
    return oidc.buildEndSessionUrl(configuration, { post_logout_redirect_uri: `${this.#publicUrl}/login` })
  }

  /** The issuer as tokens name it, and the keys that sign them. */
  async tokenKeys(): Promise<{ issuer: string; keys: JWTVerifyGetKey }> {
    const { configuration, keys } = await this.#discover()
    return { issuer: configuration.serverMetadata().issuer, keys }
  }

  #isComplete(claims: object): boolean {
    const { username, groups, displayName } = this.settings.claims
    return [username, groups, displayName].every((claim) => Object.hasOwn(claims, claim))
  }

  async #discover(): Promise<Discovered> {
    const known = this.#discovered
    if (known && clock.nowMs() < known.untilMs) return known
    if (this.#failure && clock.nowMs() < this.#failure.untilMs) {
      if (known) return known
      throw this.#failure.error
    }
    this.#pending ??= this.#readDocument().finally(() => {
      this.#pending = null
    })
    try {
      this.#discovered = await this.#pending
      this.#failure = null
      return this.#discovered
    } catch (error) {
      this.#failure = { error, untilMs: clock.nowMs() + FAILURE_PAUSE_MS }
      if (!known) throw error
      this.#log.warning('The identity provider could not be read again, so its last known settings stay in use.', {
        issuer: this.settings.issuer,
      })
      return known
    }
  }

  async #readDocument(): Promise<Discovered> {
    const { issuer, clientId, clientSecret } = this.settings
    const allowsHttp = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []
    const found = await oidc.discovery(new URL(issuer), clientId, undefined, oidc.None(), {
      execute: allowsHttp,
      [oidc.customFetch]: this.#fetch,
    })
    const server = found.serverMetadata()
    if (server.jwks_uri === undefined) throw new Error('The identity provider publishes no keys.')
    const metadata = { [oidc.clockTolerance]: CLOCK_TOLERANCE_SECONDS }
    const configuration = new oidc.Configuration(server, clientId, metadata, chooseClientAuth(server, clientSecret))
    configuration[oidc.customFetch] = this.#fetch
    for (const allow of allowsHttp) allow(configuration)
    // The signature of an ID token is checked although it came over TLS: a proxy may be in between.
    oidc.enableNonRepudiationChecks(configuration)
    return { configuration, keys: this.#createKeys(server.jwks_uri), untilMs: clock.nowMs() + DISCOVERED_FOR_MS }
  }

  /** The keys at an address. After a failure to read them, it does not try again for a while. */
  #createKeys(address: string): JWTVerifyGetKey {
    const keys = createRemoteJWKSet(new URL(address), {
      cooldownDuration: MIN_KEY_FETCH_MS,
      cacheMaxAge: KEYS_FOR_MS,
      timeoutDuration: KEY_TIMEOUT_MS,
      [fetchKeys]: this.#fetch,
    })
    let failure: { error: unknown; untilMs: number } | null = null
    return async (header, token) => {
      if (failure && clock.nowMs() < failure.untilMs) throw failure.error
      try {
        return await keys(header, token)
      } catch (error) {
        if (error instanceof errors.JOSEError && !KEY_SET_FAILURES.includes(error.code)) throw error
        failure = { error: providerUnavailableError(error), untilMs: clock.nowMs() + FAILURE_PAUSE_MS }
        this.#log.warning('The keys of the identity provider could not be read.', {
          address,
          reason: error instanceof Error ? error.message : String(error),
        })
        throw failure.error
      }
    }
  }
}

/** Whether a token is of a time (`iat`) that has not come yet, by more than clocks differ. */
export function isLater(issuedAtSeconds: number, nowMs: number): boolean {
  return issuedAtSeconds > nowMs / 1000 + CLOCK_TOLERANCE_SECONDS
}

/** Basic is the default of the standard; a few providers accept a secret in the form only. */
function chooseClientAuth(server: oidc.ServerMetadata, secret: string | null): oidc.ClientAuth {
  if (secret === null) return oidc.None()
  const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  return methods.includes('client_secret_basic') ? oidc.ClientSecretBasic(secret) : oidc.ClientSecretPost(secret)
}
