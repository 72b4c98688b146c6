import { hub } from './hub.ts'

/**
 * An object whose attributes each greenlet has for itself: what one sets, no other sees. They go
 * when their greenlet goes. The hub has its own as well. After gevent.local.local.
 *
 * Where it differs: an attribute that is not set is undefined, as anywhere in JavaScript; and
 * `init` stands in for the `__init__` of a subclass.
 *
 * @param init makes what a greenlet starts with, when it first looks
 */
export function local<Attributes extends object>(
  init: () => Partial<Attributes> = () => ({}),
): Partial<Attributes> {
  const spaces = new WeakMap<object, object>()

  function mine(): object {
    const owner = hub.current ?? hub
    const space = spaces.get(owner) ?? init()
    spaces.set(owner, space)
    return space
  }

  return new Proxy<Partial<Attributes>>(
    {},
    {
      get: (_, name) => Reflect.get(mine(), name),
      set: (_, name, value) => Reflect.set(mine(), name, value),
      has: (_, name) => Reflect.has(mine(), name),
      deleteProperty: (_, name) => Reflect.deleteProperty(mine(), name),
      defineProperty: (_, name, descriptor) => Reflect.defineProperty(mine(), name, descriptor),
      getOwnPropertyDescriptor: (_, name) => Reflect.getOwnPropertyDescriptor(mine(), name),
      ownKeys: () => Reflect.ownKeys(mine()),
    },
  )
}
