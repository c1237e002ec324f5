import { chromium } from '@playwright/test'
const [,, base, ...cases] = process.argv
const b = await chromium.launch({executablePath:'/usr/bin/chromium'})
for (const w of [1440,390]) for (const scheme of ['light','dark']) {
  const ctx = await b.newContext({viewport:{width:w,height:w===390?844:900},colorScheme:scheme})
  const p = await ctx.newPage()
  await p.goto(base+'/login'); await p.getByLabel('Username').fill('admin'); await p.getByLabel('Password',{exact:true}).fill('pictures-pw-1'); await p.getByRole('button',{name:'Sign in'}).click(); await p.waitForURL(u=>!u.pathname.includes('login'))
  for (const c of cases) { const [name,url]=c.split('='.repeat(2)); await p.goto(base+url); await p.waitForTimeout(2500); await p.screenshot({path:`/tmp/shot-${name}-${w}-${scheme}.png`}) }
  await ctx.close()
}
await b.close()
