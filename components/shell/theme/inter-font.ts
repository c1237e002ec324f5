import localFont from 'next/font/local'

/**
 * Latin letters and common signs, preloaded with each page. The browser waits for them briefly before it paints. A page
 * painted without them keeps the system's fonts until the next load, so that no text changes its width.
 */
export const interFont = localFont({
  src: '../../../node_modules/inter-ui/variable-latin/InterVariable-subset.woff2',
  weight: '100 900',
  display: 'optional',
  variable: '--font-inter',
  adjustFontFallback: false,
  declarations: [
    {
      prop: 'unicode-range',
      value:
        'U+0-FF, U+131, U+152-153, U+2BB-2BC, U+2C6, U+2DA, U+2DC, U+2000-206F, U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215',
    },
  ],
})
