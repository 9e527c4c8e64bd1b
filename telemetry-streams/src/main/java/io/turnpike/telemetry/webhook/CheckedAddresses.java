package io.turnpike.telemetry.webhook;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.Promise;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;

/**
 * Resolves names, and leaves out what {@link TargetRules} forbid. What it answers is what is connected to: a name that
 * resolves to something else a moment later gains nothing (DNS rebinding).
 */
final class CheckedAddresses extends AddressResolverGroup<InetSocketAddress> {
    private final AddressResolverGroup<InetSocketAddress> names;
    private final TargetRules rules;

    CheckedAddresses(AddressResolverGroup<InetSocketAddress> names, TargetRules rules) {
        this.names = names;
        this.rules = rules;
    }

    @Override
    protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
        return new Checked(names.getResolver(executor), executor);
    }

    @Override
    public void close() {
        super.close();
        names.close();
    }

    /** Nothing that the name resolves to may be connected to. */
    static final class Forbidden extends IOException {
        private static final long serialVersionUID = 1L;

        Forbidden() {
            super("the name resolves to no public address");
        }
    }

    private final class Checked implements AddressResolver<InetSocketAddress> {
        private final AddressResolver<InetSocketAddress> resolver;
        private final EventExecutor executor;

        private Checked(AddressResolver<InetSocketAddress> resolver, EventExecutor executor) {
            this.resolver = resolver;
            this.executor = executor;
        }

        @Override
        public boolean isSupported(SocketAddress address) {
            return resolver.isSupported(address);
        }

        /** Also what is resolved already goes through the check. */
        @Override
        public boolean isResolved(SocketAddress address) {
            return false;
        }

        @Override
        public Future<InetSocketAddress> resolve(SocketAddress address) {
            return resolve(address, executor.newPromise());
        }

        @Override
        public Future<InetSocketAddress> resolve(SocketAddress address, Promise<InetSocketAddress> promise) {
            resolveAll(address).addListener((Future<List<InetSocketAddress>> all) -> {
                if (all.isSuccess()) {
                    promise.trySuccess(all.getNow().get(0));
                } else {
                    promise.tryFailure(all.cause());
                }
            });
            return promise;
        }

        @Override
        public Future<List<InetSocketAddress>> resolveAll(SocketAddress address) {
            return resolveAll(address, executor.newPromise());
        }

        @Override
        public Future<List<InetSocketAddress>> resolveAll(SocketAddress address,
                Promise<List<InetSocketAddress>> promise) {
            resolver.resolveAll(address).addListener((Future<List<InetSocketAddress>> all) -> {
                if (!all.isSuccess()) {
                    promise.tryFailure(all.cause());
                    return;
                }
                List<InetSocketAddress> allowed = all.getNow().stream()
                        .filter(each -> each.getAddress() != null && rules.allows(each.getAddress())).toList();
                if (allowed.isEmpty()) {
                    promise.tryFailure(new Forbidden());
                } else {
                    promise.trySuccess(allowed);
                }
            });
            return promise;
        }

        @Override
        public void close() {
            resolver.close();
        }
    }
}
