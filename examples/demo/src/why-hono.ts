import type { Env } from '@adjourn/hono'
import type { Hono } from 'hono'
import type { Demo } from './demo.ts'
import { signedInFrame } from './frame.ts'
import { liveExperiment } from './models.ts'
import { whyPage } from './pages/why.ts'
import type { AppData } from './sessions.ts'
import * as web from './web-hono.ts'

/** The experiment: the same routes as on Express, and the same run behind them. */
export function whyRoutes(app: Hono<Env<AppData>>, demo: Demo): void {
  const { experiment } = demo
  if (experiment === undefined) return

  app.get('/why', async (c) => {
    const frame = await signedInFrame(web.frame(demo, c), c.var.session)
    return c.html(whyPage(frame, experiment.state))
  })

  app.get('/why/events', (c) => web.sendEvents(c, liveExperiment(experiment, c.var.session)))

  app.post('/why', (c) => {
    experiment.start()
    return c.redirect('/why', 303)
  })
}
