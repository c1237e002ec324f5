'use client'
export function FilePanel() {
  return null
}
