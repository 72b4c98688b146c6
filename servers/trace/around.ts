type Method<Owner, Name extends keyof Owner> = Extract<Owner[Name], (...args: never[]) => unknown>
type Result<Owner, Name extends keyof Owner> = ReturnType<Method<Owner, Name>>
type Args<Owner, Name extends keyof Owner> = Parameters<Method<Owner, Name>>

/**
 * Puts code around a method of an object or a class. `wrapper` is given the method, to be called with
 * these arguments or with others.
 */
export function around<Owner extends object, Name extends keyof Owner>(
  owner: Owner,
  name: Name,
  wrapper: (
    method: (...args: Args<Owner, Name>) => Result<Owner, Name>,
    args: Args<Owner, Name>,
    self: Owner,
  ) => Result<Owner, Name>,
): void {
  const method = owner[name] as (...args: Args<Owner, Name>) => Result<Owner, Name>
  const wrapped = function (this: Owner, ...args: Args<Owner, Name>): Result<Owner, Name> {
    return wrapper((...given) => method.apply(this, given), args, this)
  }
  Object.assign(owner, { [name]: wrapped })
}
