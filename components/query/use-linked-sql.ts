import { useQueryState } from 'nuqs'
import { useCallback, useEffect, useRef, useState } from 'react'

/** Longer texts are not put into the URL, because browsers and proxies limit its length. */
const MAX_ADDRESS_CHARS = 6000
/** The URL follows the typing with a delay: this many of our own texts may still arrive. */
const MAX_OWN_TEXTS = 100

/**
 * The SQL in the editor, which is also in the URL. When the URL changes to another text (a link, back, forward), the
 * editor takes that text.
 *
 * @param onReplaced called with the text that was replaced
 */
export function useLinkedSql(onReplaced: (text: string) => void) {
  const [addressSql, setAddressSql] = useQueryState('sql', { defaultValue: '', history: 'replace', throttleMs: 400 })
  const [sql, setSql] = useState(addressSql)
  const [cursor, setCursor] = useState(sql.length)
  /** Texts that this hook put into the URL. When the URL has one of these, no link was followed. */
  const ownTexts = useRef<readonly string[]>([addressSql])
  const latest = useRef({ sql, onReplaced })
  useEffect(() => {
    latest.current = { sql, onReplaced }
  })

  useEffect(() => {
    // A URL without a text, such as the link in the rail, opens the page and does not clear the editor.
    if (addressSql === '' || ownTexts.current.includes(addressSql)) return
    ownTexts.current = [addressSql]
    if (addressSql === latest.current.sql) return
    latest.current.onReplaced(latest.current.sql)
    setSql(addressSql)
    setCursor(addressSql.length)
  }, [addressSql])

  const write = useCallback(
    (text: string, position: number) => {
      setSql(text)
      setCursor(position)
      if (text === latest.current.sql) return
      const addressText = text.length > MAX_ADDRESS_CHARS ? '' : text
      ownTexts.current = [...ownTexts.current, addressText].slice(-MAX_OWN_TEXTS)
      void setAddressSql(addressText)
    },
    [setAddressSql],
  )
  return { sql, cursor, write }
}
