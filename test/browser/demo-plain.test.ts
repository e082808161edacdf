/** The demo without JavaScript. */
import { describe, expect, it } from 'vitest'
import { ADA, LAPTOP, PHONE, sending, ONE_SIDE, signIn, useDemo } from './demo.ts'
import { jar, textOf, useChromium } from './support.ts'

const browser = useChromium()
const open = useDemo()

describe.each(ONE_SIDE)('without JavaScript on $name', ({ here, there }) => {
  it('signs in, ends a device and signs out; going back shows nothing', async () => {
    const demo = await open()
    const plain = { javaScriptEnabled: false }
    const laptop = await browser.page({ ...plain, userAgent: LAPTOP })
    const phone = await browser.page({ ...plain, userAgent: PHONE })
    await signIn(phone, demo[there], ADA)
    await signIn(laptop, demo[here], ADA)
    expect(await textOf(laptop)).toContain('2 devices are signed in.')
    expect(await laptop.getByText('Live').isVisible()).toBe(false)

    const end = laptop.getByRole('button', { name: 'End', exact: true })
    await sending(laptop, () => end.click())
    expect(await textOf(laptop)).toContain('That session has ended.')
    expect(await textOf(laptop)).toContain('One device is signed in.')
    await sending(phone, () => phone.reload())
    expect(phone.url()).toBe(`${demo[there]}/`)
    expect(await jar(phone)).toEqual([])

    await sending(laptop, () => laptop.getByRole('button', { name: 'Sign out' }).click())
    expect(await textOf(laptop)).toContain('You are signed out.')
    expect(await jar(laptop)).toEqual([])
    await laptop.goBack({ waitUntil: 'commit' })
    await laptop.getByLabel('User').waitFor()
    expect(await textOf(laptop)).not.toMatch(/Signed in as|One device/)
  })
})
