/**
 * Components reach no server: a request that a test does not answer fails at once, as without a network. The DOM would
 * send it to port 3000 of this machine, where a console may run.
 */
if ('document' in globalThis) {
  const refuse: typeof fetch = async (input) => {
    throw new TypeError(`No test answers ${input instanceof Request ? input.url : String(input)}`)
  }
  globalThis.fetch = refuse
}
