import { sessionOf } from '@adjourn/express'
import type { Express } from 'express'
import type { Demo } from './demo.ts'
import { signedInFrame } from './frame.ts'
import { liveExperiment } from './models.ts'
import { whyPage } from './pages/why.ts'
import * as web from './web-express.ts'

/** The experiment: the same routes as on Hono, and the same run behind them. */
export function whyRoutes(app: Express, demo: Demo): void {
  const { experiment } = demo
  if (experiment === undefined) return

  app.get('/why', async (req, res) => {
    const frame = await signedInFrame(web.frame(demo, req), sessionOf(req, demo.sessions))
    await web.show(res, whyPage(frame, experiment.state))
  })

  app.get('/why/events', async (req, res) => {
    await web.sendEvents(res, liveExperiment(experiment, sessionOf(req, demo.sessions)))
  })

  app.post('/why', (_req, res) => {
    experiment.start()
    res.redirect(303, '/why')
  })
}
