'use client'
export function PastePanel() {
  return null
}
