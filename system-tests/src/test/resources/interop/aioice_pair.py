"""Two aioice agents that learn only each other's relayed candidates connect through a TURN server and send both ways.

Arguments: host, port, user, password, transport (udp or tcp), and for TLS the file of the certificate authority.
Prints one line of JSON: what each side sent and received, as datagrams and as bytes.
"""

import asyncio
import json
import ssl
import sys

import aioice

MESSAGES = 40
BOUND_SECONDS = 60


def agent(controlling, host, port, user, password, transport, context):
    return aioice.Connection(
        ice_controlling=controlling,
        components=1,
        stun_server=None,
        turn_server=(host, port),
        turn_username=user,
        turn_password=password,
        turn_ssl=context,
        turn_transport=transport,
        transport_policy=aioice.ice.TransportPolicy.RELAY,
    )


async def introduce(agent, other):
    """Tells one agent the relayed candidate of the other: there is nothing else to tell."""
    assert [each.type for each in other.local_candidates] == ["relay"], other.local_candidates
    for candidate in other.local_candidates:
        await agent.add_remote_candidate(candidate)
    await agent.add_remote_candidate(None)
    agent.remote_username = other.local_username
    agent.remote_password = other.local_password


async def exchange(sender, receiver):
    sent = 0
    for index in range(MESSAGES):
        message = b"%d:" % index + b"x" * (index * 25)
        await sender.send(message)
        assert await receiver.recv() == message
        sent += len(message)
    return {"packets": MESSAGES, "bytes": sent}


async def main(host, port, user, password, transport, authority=None):
    context = False
    if authority:
        context = ssl.create_default_context(cafile=authority)
    one = agent(True, host, int(port), user, password, transport, context)
    other = agent(False, host, int(port), user, password, transport, context)
    await one.gather_candidates()
    await other.gather_candidates()
    await introduce(one, other)
    await introduce(other, one)
    await asyncio.gather(one.connect(), other.connect())
    types = [pair.local_candidate.type for each in (one, other) for pair in each._nominated.values()]
    there = await exchange(one, other)
    back = await exchange(other, one)
    await one.close()
    await other.close()
    print(json.dumps({"nominated": types, "there": there, "back": back}))


asyncio.run(asyncio.wait_for(main(*sys.argv[1:]), BOUND_SECONDS))
