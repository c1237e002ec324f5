/** Mantine's key of the stored choice. */
const STORAGE_KEY = 'mantine-color-scheme-value'

/** Sets the colour scheme before the first paint, so that no page flashes in the other one. */
const SCRIPT = `try {
  const stored = localStorage.getItem('${STORAGE_KEY}')
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  document.documentElement.setAttribute('data-mantine-color-scheme', stored === 'light' || stored === 'dark' ? stored : system)
} catch {}`

/** Mantine's `ColorSchemeScript` does the same and comes with Mantine's script, which not every page loads. */
export function SchemeScript({ nonce }: { nonce: string }) {
  return <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: SCRIPT }} />
}
