SELECT model_id, value FROM models WHERE model_id < $models
