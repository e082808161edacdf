type Answer = Response | Promise<Response>

/**
 * What a handler answers, returned or thrown. Rejects with what nobody has answered.
 *
 * @param work Calls the handler.
 * @param recover The app's own answer to an error.
 */
export async function answering(
  work: () => Answer,
  recover: ((error: unknown) => Answer) | undefined,
): Promise<Response> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Response) return thrown
    if (recover === undefined) throw thrown
    return answering(() => recover(thrown), undefined)
  }
}
