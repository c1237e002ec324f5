export const FONT_FAMILY =
  "var(--font-inter), 'Inter Variable', 'Inter Fallback', 'Inter Fallback 2', system-ui, sans-serif"
export const MONOSPACE_FONT_FAMILY =
  "'JetBrains Mono Variable', 'JetBrains Mono Fallback', 'JetBrains Mono Fallback 2', ui-monospace, monospace"
