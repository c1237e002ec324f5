import { describe, expect, it } from 'vitest'
import { readBodyJson } from './read-body-json'
import { readBodyText } from './read-body-text'

const request = (body: BodyInit) => new Request('http://test/', { method: 'POST', body })

describe('A body', () => {
  it.each([
    ['a byte that is never valid', [0x62, 0x61, 0x64, 0xff]],
    ['a character that is cut off', [0xf0, 0x9f, 0x98]],
    ['an overlong encoding', [0xc0, 0xaf]],
    ['half a character', [0xed, 0xa0, 0x80]],
  ])('that is not UTF-8 is refused: %s', async (_what, bytes) => {
    await expect(readBodyText(request(Uint8Array.from(bytes)), 100)).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it.each(['', 'é', '\ufeff{}', '\ufffd', '😀'.repeat(100_000)])(
    'that is UTF-8 is read unchanged (%#)',
    async (text) => {
      expect(await readBodyText(request(Buffer.from(text)), 1_000_000)).toBe(text)
    },
  )
})

describe('A body of JSON', () => {
  it.each([
    String.raw`"\ud800"`,
    String.raw`{"\udfff":1}`,
    String.raw`"\uD83Dx"`,
    String.raw`"\ud83d\ud83d\ude00"`,
    String.raw`"\ud83d\\ude00"`,
    String.raw`"\ud83d\u0041"`,
    String.raw`"\\\udbff"`,
    String.raw`"\ude00\ud83d"`,
  ])('with an unpaired surrogate is refused: %s', async (json) => {
    expect(JSON.stringify(JSON.parse(json)), 'it is an unpaired surrogate').toMatch(/\\ud/)
    await expect(readBodyJson(request(json), 100)).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it.each([
    String.raw`"\ud83d\ude00"`,
    String.raw`"\uD83D\uDE00 \u0041 \n \" 😀"`,
    String.raw`"\\ud800"`,
    String.raw`"\\\\ud800 ud800"`,
    String.raw`"\ud7ff\ue000\ufffd"`,
  ])('with complete characters is read unchanged: %s', async (json) => {
    expect(await readBodyJson(request(json), 100)).toBe(json)
  })
})
