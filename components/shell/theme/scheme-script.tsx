/** Mantine's key of the stored choice. */
const STORAGE_KEY = 'mantine-color-scheme-value'

/**
 * Sets the colour scheme before the first paint, so that no page flashes in the other one, and follows the system while
 * the page is open.
 */
const SCRIPT = `try {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const setScheme = () => {
    const stored = localStorage.getItem('${STORAGE_KEY}')
    const isChosen = stored === 'light' || stored === 'dark'
    const scheme = isChosen ? stored : system.matches ? 'dark' : 'light'
    document.documentElement.setAttribute('data-mantine-color-scheme', scheme)
  }
  setScheme()
  system.addEventListener('change', setScheme)
} catch {}`

/** Mantine's `ColorSchemeScript` does the same and comes with Mantine's script, which not every page loads. */
export function SchemeScript({ nonce }: { nonce: string }) {
  return <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: SCRIPT }} />
}
