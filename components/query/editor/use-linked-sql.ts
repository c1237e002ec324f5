import { useQueryState } from 'nuqs'
import { useCallback, useEffect, useRef, useState } from 'react'
import { readDraft, saveDraft } from '@/lib/client/query/query-draft'

/** Longer texts are not put into the URL, because browsers and proxies limit its length. */
export const MAX_ADDRESS_CHARS = 6000
/** The URL follows the typing with a delay: this many of our own texts may still arrive. */
const MAX_OWN_TEXTS = 100

/**
 * The SQL in the editor, which is also in the URL and stored for this browser tab. When the URL changes to another text
 * (a link, back, forward), the editor takes that text. When the page opens without a text, the editor takes the stored
 * one.
 *
 * @param userId null while the user is unknown: then nothing is restored or stored
 * @param onReplaced called with the text that was replaced, or not restored because of a link
 */
export function useLinkedSql(userId: string | null, onReplaced: (text: string) => void) {
  const [addressSql, setAddressSql] = useQueryState('sql', { defaultValue: '', history: 'replace', throttleMs: 400 })
  const [sql, setSql] = useState(addressSql)
  const [cursor, setCursor] = useState(sql.length)
  /** Texts that this hook put into the URL. When the URL has one of these, no link was followed. */
  const ownTexts = useRef<readonly string[]>([addressSql])
  const isRestored = useRef(false)
  const hasWritten = useRef(false)
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
      hasWritten.current = true
      const addressText = text.length > MAX_ADDRESS_CHARS ? '' : text
      ownTexts.current = [...ownTexts.current, addressText].slice(-MAX_OWN_TEXTS)
      void setAddressSql(addressText)
    },
    [setAddressSql],
  )

  useEffect(() => {
    if (userId === null) return
    if (!isRestored.current) {
      isRestored.current = true
      const draft = readDraft(userId)
      if (draft !== null && draft.sql !== sql) {
        // The URL has an older text of ours when the page was left right after a keystroke.
        if (!hasWritten.current && (sql === '' || sql === draft.addressSql)) {
          write(draft.sql, draft.sql.length)
          return
        }
        latest.current.onReplaced(draft.sql)
      }
    }
    saveDraft(userId, { sql, addressSql: new URLSearchParams(window.location.search).get('sql') ?? '' })
  }, [sql, userId, write])

  return { sql, cursor, write }
}
