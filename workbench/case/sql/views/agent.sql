SELECT agent_id, value FROM agents WHERE agent_id < $agents
