package io.turnpike.node.turn;

import io.netty.buffer.ByteBufAllocator;
import io.turnpike.node.allocation.Allocation;
import io.turnpike.node.allocation.AllocationEvents;
import io.turnpike.node.allocation.AllocationOwner;
import io.turnpike.node.allocation.AllocationTable;
import io.turnpike.node.allocation.ClientLeg;
import io.turnpike.node.allocation.FiveTuple;
import io.turnpike.node.allocation.PeerPolicy;
import io.turnpike.node.auth.AuthFailure;
import io.turnpike.node.auth.AuthResult;
import io.turnpike.node.auth.LongTermCredentials;
import io.turnpike.node.auth.Requester;
import io.turnpike.node.auth.Tenant;
import io.turnpike.node.auth.TokenSession;
import io.turnpike.node.event.BillableRule;
import io.turnpike.node.event.ClientTransport;
import io.turnpike.node.event.EndReason;
import io.turnpike.node.usage.DropReason;
import io.turnpike.stun.AttributeType;
import io.turnpike.stun.ErrorCode;
import io.turnpike.stun.ErrorCodeAttribute;
import io.turnpike.stun.StunAttribute;
import io.turnpike.stun.StunFrame;
import io.turnpike.stun.StunMethod;
import io.turnpike.stun.UnknownAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Answers the requests of one event loop: Binding at once, everything else after authentication (RFC 8489 section 9.2.4,
 * RFC 8656 section 5). Confined to its event loop.
 */
public final class TurnServer {
    /** Comprehension-required attributes that are acted on in some method. */
    private static final Set<AttributeType> UNDERSTOOD = EnumSet.of(AttributeType.USERNAME, AttributeType.USERHASH,
            AttributeType.REALM, AttributeType.NONCE, AttributeType.MESSAGE_INTEGRITY,
            AttributeType.MESSAGE_INTEGRITY_SHA256, AttributeType.PASSWORD_ALGORITHM, AttributeType.CHANNEL_NUMBER,
            AttributeType.LIFETIME, AttributeType.XOR_PEER_ADDRESS, AttributeType.REQUESTED_ADDRESS_FAMILY,
            AttributeType.EVEN_PORT, AttributeType.REQUESTED_TRANSPORT, AttributeType.RESERVATION_TOKEN,
            AttributeType.CONNECTION_ID);

    private final Set<AttributeType> understood = EnumSet.copyOf(UNDERSTOOD);
    private final Set<AttributeType> withToken;
    private final LongTermCredentials credentials;
    private final Reply.Desk desk;
    private final RequestLog log;
    private final AnswerBudget answers;
    private final AllocationTable allocations;
    private final BindingHandler binding;
    private final AllocateHandler allocate;
    private final RefreshHandler refresh;
    private final CreatePermissionHandler createPermission;
    private final ChannelBindHandler channelBind;
    private final ConnectHandler connect;
    private final ConnectionBindHandler connectionBind;

    /**
     * Serves one loop.
     *
     * @param credentials the long-term credential check
     * @param allocations this loop's allocations
     * @param admissions asks the quota
     * @param peerPolicy which peers may be reached
     * @param events tells denied peers
     * @param lifetimes of allocations
     * @param drain whether new clients are taken
     * @param log counts and tells refusals
     * @param answers bounds what strangers are answered; shared by the loops
     * @param buffers makes the answers
     */
    public TurnServer(LongTermCredentials credentials, AllocationTable allocations, Admissions admissions,
            PeerPolicy peerPolicy, AllocationEvents events,
            Lifetimes lifetimes, Drain drain, RequestLog log, AnswerBudget answers, ByteBufAllocator buffers) {
        this.credentials = credentials;
        this.desk = new Reply.Desk(buffers);
        this.log = log;
        this.answers = answers;
        this.allocations = allocations;
        if (allocations.canSetDontFragment()) {
            // RFC 8656 section 7.2: where the bit cannot be set, the attribute is unknown: 420.
            understood.add(AttributeType.DONT_FRAGMENT);
        }
        // RFC 7635 section 7: without keys that could open a token the attribute is unknown: 420.
        withToken = EnumSet.copyOf(understood);
        withToken.add(AttributeType.ACCESS_TOKEN);
        PeerGate peers = new PeerGate(peerPolicy, events);
        binding = new BindingHandler();
        allocate = new AllocateHandler(allocations, admissions, lifetimes, log, drain);
        refresh = new RefreshHandler(allocations, lifetimes, drain,
                new MobilityHandler(allocations, lifetimes, log, drain, allocate::awaits));
        createPermission = new CreatePermissionHandler(peers);
        channelBind = new ChannelBindHandler(peers);
        connect = new ConnectHandler(peers);
        connectionBind = new ConnectionBindHandler(allocations.connections());
    }

    /**
     * Takes a message other than a Send indication.
     *
     * @param frame a message whose structure was checked
     * @param leg the way back
     * @param allocation of the five-tuple, or null
     */
    public void receive(StunFrame frame, ClientLeg leg, Allocation allocation) {
        switch (frame.messageClass()) {
            case REQUEST -> request(frame, leg, allocation);
            // RFC 8445 section 11: a Binding indication keeps a NAT open and wants nothing.
            case INDICATION -> dropUnlessBinding(frame);
            case SUCCESS_RESPONSE, ERROR_RESPONSE -> log.drop(DropReason.UNEXPECTED_RESPONSE);
        }
    }

    /**
     * The client's connection is gone: RFC 8656 section 3.1 deletes the allocation with it, unless the client asked to take
     * it to another one (RFC 8016 section 3).
     */
    public void disconnected(ClientLeg leg) {
        allocate.disconnected(leg.fiveTuple());
        allocations.disconnected(leg);
    }

    private void request(StunFrame frame, ClientLeg leg, Allocation allocation) {
        Reply unsigned = Reply.to(frame, leg, desk);
        switch (frame.method()) {
            case BINDING -> {
                if (mayAnswer(leg, allocation, true)) {
                    binding.handle(frame, unsigned);
                }
            }
            case ALLOCATE, REFRESH, CREATE_PERMISSION, CHANNEL_BIND, CONNECT, CONNECTION_BIND ->
                authenticate(frame, unsigned, leg, allocation);
            case SEND, DATA, CONNECTION_ATTEMPT -> log.drop(DropReason.UNEXPECTED_METHOD);
        }
    }

    private void authenticate(StunFrame frame, Reply unsigned, ClientLeg leg, Allocation allocation) {
        AuthResult result = credentials.check(frame, requester(leg, allocation));
        if (result instanceof AuthResult.Authenticated who) {
            Reply reply = unsigned.signed(new Reply.Signature(who.key(), who.integrity()));
            serve(new Request(frame, reply, owner(who), allocation),
                    who.session().isPresent() ? withToken : understood);
        } else if (result instanceof AuthResult.Challenge challenge) {
            // 438 goes to whoever knows the password.
            boolean knowsPassword = challenge.failure() == AuthFailure.STALE_NONCE;
            if (!knowsPassword && !mayAnswer(leg, allocation, false)) {
                return;
            }
            log.challenged(leg, challenge, Request.software(frame));
            // RFC 8489 section 9.2.5: REALM, NONCE and PASSWORD-ALGORITHMS, no USERNAME and no integrity.
            unsigned.error(attributes(challenge));
        } else if (result instanceof AuthResult.BadRequest bad && mayAnswer(leg, allocation, false)) {
            log.refused(bad.failure());
            unsigned.error(ErrorCode.BAD_REQUEST);
        }
    }

    private static Requester requester(ClientLeg leg, Allocation allocation) {
        return new Requester(leg.fiveTuple().client(), leg.fiveTuple().transport(), leg.defaultTenant(),
                allocation == null ? Optional.empty() : session(allocation.refreshedBy()));
    }

    private static Optional<TokenSession> session(AllocationOwner owner) {
        return owner.tokenKey().map(key -> new TokenSession(owner.tenantId(), owner.userId(), owner.username(), key,
                owner.credentialDeadline().getAsLong(), owner.issuedAt().getAsLong()));
    }

    private List<StunAttribute> attributes(AuthResult.Challenge challenge) {
        List<StunAttribute> attributes = new ArrayList<>();
        ErrorCode error = errorOf(challenge.failure().errorCode());
        // THIRD-PARTY-AUTHORIZATION takes the place of the reason phrase, so that the answer stays as small.
        attributes.add(challenge.thirdParty().isPresent()
                ? new ErrorCodeAttribute(error.code(), "")
                : new ErrorCodeAttribute(error));
        attributes.add(credentials.realm());
        attributes.add(challenge.nonce());
        attributes.add(challenge.passwordAlgorithms());
        challenge.thirdParty().ifPresent(attributes::add);
        return attributes;
    }

    /** A datagram's source may be somebody else's; who has an allocation has shown that it is its own. */
    private boolean mayAnswer(ClientLeg leg, Allocation allocation, boolean binding) {
        FiveTuple fiveTuple = leg.fiveTuple();
        boolean shown = fiveTuple.transport() != ClientTransport.UDP || allocation != null;
        if (shown || answers.admit(fiveTuple.client(), binding)) {
            return true;
        }
        log.drop(DropReason.ANSWER_BUDGET);
        return false;
    }

    private void serve(Request request, Set<AttributeType> understood) {
        StunFrame frame = request.frame();
        // RFC 8489 section 6.3.1: 420 names what was not understood, after authentication.
        UnknownAttributes unknown = frame.unknownRequired(understood);
        if (!unknown.isEmpty()) {
            request.reply().error(List.of(new ErrorCodeAttribute(ErrorCode.UNKNOWN_ATTRIBUTE), unknown));
            return;
        }
        // RFC 8489 section 6.3.1: 400 for a value that cannot be read.
        if (frame.illFormed().isPresent()) {
            request.reply().error(ErrorCode.BAD_REQUEST);
            return;
        }
        noteWhereItCame(request);
        switch (frame.method()) {
            case ALLOCATE -> allocate.handle(request);
            case REFRESH -> refresh.handle(request);
            case CREATE_PERMISSION -> createPermission.handle(request);
            case CHANNEL_BIND -> channelBind.handle(request);
            case CONNECT -> connect.handle(request);
            case CONNECTION_BIND -> connectionBind.handle(request);
            case BINDING, SEND, DATA, CONNECTION_ATTEMPT -> log.drop(DropReason.UNEXPECTED_METHOD);
        }
    }

    /** RFC 8016 section 3.2.2: a request from the new five-tuple shows that the client knows of the move. */
    private static void noteWhereItCame(Request request) {
        boolean aboutTheMove = request.frame().method() == StunMethod.ALLOCATE
                || request.frame().has(AttributeType.MOBILITY_TICKET);
        if (request.allocation() != null && !aboutTheMove && request.isByTheOwner().isEmpty()) {
            request.allocation().heardOn(request.reply().leg());
        }
    }

    private void dropUnlessBinding(StunFrame frame) {
        if (frame.method() != StunMethod.BINDING) {
            log.drop(DropReason.UNEXPECTED_METHOD);
        }
    }

    private static AllocationOwner owner(AuthResult.Authenticated who) {
        Tenant tenant = who.tenant();
        return new AllocationOwner(tenant.id(), who.userId(), who.username(), tenant.channelNumbers()::allows,
                switch (tenant.billableRule()) {
                    case BOTH_DIRECTIONS -> BillableRule.BOTH_DIRECTIONS;
                    case EGRESS_ONLY -> BillableRule.EGRESS_ONLY;
                }, tenant.peers(), who.deadline(),
                who.session().map(TokenSession::key), who.issuedAt());
    }

    private static ErrorCode errorOf(int code) {
        return ErrorCode.ofCode(code).orElse(ErrorCode.UNAUTHENTICATED);
    }
}
