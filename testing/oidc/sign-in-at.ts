/** A browser that follows the redirects of a sign-in, with the cookies of each server. */
export class SigningInBrowser {
  readonly #cookies = new Map<string, Map<string, string>>()

  async fetch(address: string | URL, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(address)
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    this.#cookies.set(origin, jar)
    const headers = new Headers(init.headers)
    headers.set('cookie', [...jar].map((pair) => pair.join('=')).join('; '))
    const response = await fetch(address, { redirect: 'manual', ...init, headers })
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split(/=(.*)/s)
      jar.set(name, value)
    }
    return response
  }

  /**
   * Signs in at the provider.
   *
   * @param subject empty: the person refuses
   * @returns the address at which the provider sends the browser back
   */
  async signIn(authorizationUrl: string, subject: string): Promise<URL> {
    const { origin } = new URL(authorizationUrl)
    let address = new URL(authorizationUrl)
    for (let step = 0; step < 10; step += 1) {
      const isForm = address.pathname.startsWith('/interaction/')
      const response = await this.fetch(address, {
        ...(isForm && { method: 'POST', body: new URLSearchParams({ subject }) }),
      })
      const location = response.headers.get('location')
      if (location === null)
        throw new Error(`${address.pathname} answered ${response.status}: ${await response.text()}`)
      address = new URL(location, address)
      if (address.origin !== origin) return address
    }
    throw new Error('The provider redirects without an end.')
  }
}
