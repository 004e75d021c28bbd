--
-- PostgreSQL database dump
--

\restrict aBcD

-- Dumped from database version 16.10

SET statement_timeout = 0;
SELECT pg_catalog.set_config('search_path', '', false);

--
-- Data for Name: LiteLLM_SpendLogs; Type: TABLE DATA; Schema: public; Owner: llm
--

COPY public."LiteLLM_SpendLogs" (request_id, call_type, api_key, spend, total_tokens, prompt_tokens, completion_tokens, "startTime", endTime, completionStartTime, model, model_id, model_group, custom_llm_provider, api_base, "user", metadata, cache_hit, cache_key, request_tags, team_id, end_user, requester_ip_address, messages, response, session_id, status, proxy_server_request) FROM stdin;
chatcmpl-2	acomp\letion	x	88dc28d0f030c55ed4ab77ed8faf098196cb1c05	0.000225	\N	40	7	2026-05-01T12:30:15.250Z	2026-05-01T12:30:17.250Z	2026-05-01T12:30:15.750Z	large-4	\N	\N	openai	\N	internal-1	{"user_api_key_user_email": "who@Example.org"}	\N	\N	["User-Agent: sdk", "User-Agent: sdk/1.2"]	team-1	person-9	198.51.100.7	[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "First question"}, {"role": "assistant", "content": "First answer"}, {"role": "user", "content": [{"type": "text", "text": "Second question"}]}, {"role": "tool", "content": "42"}]	{"id": "chatcmpl-1", "object": "chat.completion", "created": 1777638615, "model": "large-4-0613", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Second answer", "reasoning_content": "Thought about it"}}], "usage": {"prompt_tokens": 40, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}, "completion_tokens_details": {"reasoning_tokens": 5}}}	s-1	success	{"stream": true, "temperature": 0.2, "tools": [{}]}
b	acompletion	88dc28d0f030c55ed4ab77ed8faf098196cb1c05	0.000225	\N	40	7	2026-05-01T12:30:15.250Z	2026-05-01T12:30:17.250Z	2026-05-01T12:30:15.750Z	large-4	\N	\N	openai	\N	internal-1	{"user_api_key_user_email": "who@Example.org"}	\N	\N	["User-Agent: sdk", "User-Agent: sdk/1.2"]	team-1	person-9	198.51.100.7	[{"role": "system", "content": "Be brief."}, {"role": "user", "content": "First question"}, {"role": "assistant", "content": "First answer"}, {"role": "user", "content": [{"type": "text", "text": "Second question"}]}, {"role": "tool", "content": "42"}]	{"id": "chatcmpl-1", "object": "chat.completion", "created": 1777638615, "model": "large-4-0613", "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Second answer", "reasoning_content": "Thought about it"}}], "usage": {"prompt_tokens": 40, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 3}, "completion_tokens_details": {"reasoning_tokens": 5}}}	s-1	success	{"stream": true, "temperature": 0.2, "tools": [{}]}
\.


--
-- PostgreSQL database dump complete
--

